"""What the tests of the ear share."""

import pytest
from hypothesis import settings

from audio.activity import ActivityModel

# A busy machine is no reason for a law to fail.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def activity_model() -> ActivityModel:
    return ActivityModel()
