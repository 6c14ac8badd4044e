from concurrent.futures import ThreadPoolExecutor

import pytest

from audio.script import to_script

SIMPLIFIED = "我的头发和发展没有关系，我要退钱"
TRADITIONAL = "我的頭髮和發展沒有關係，我要退錢"


@pytest.mark.parametrize("tag", ["zh-Hans", "zh-CN", "zh-SG", "zh_hans", "cmn-Hans", "zh-Hans-CN"])
def test_a_line_in_simplified_characters_gets_them(tag: str) -> None:
    assert to_script(TRADITIONAL, tag=tag) == SIMPLIFIED


@pytest.mark.parametrize("tag", ["zh-Hant", "zh-TW", "zh-Hant-TW", "ZH-HANT"])
def test_a_line_in_traditional_characters_gets_them_by_the_phrase(tag: str) -> None:
    """发 is 髮 in hair and 發 in development."""
    assert to_script(SIMPLIFIED, tag=tag) == TRADITIONAL


def test_a_region_goes_before_a_script() -> None:
    assert to_script("为什么", tag="zh-Hant-HK") == to_script("为什么", tag="zh-HK") == "為什麼"
    assert to_script("这里", tag="zh-TW") == "這裡"


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, "", "OK, 25 元"])
@pytest.mark.parametrize("tag", ["zh", "en", "el", "ja-Hant", "pt-BR"])
def test_a_tag_without_a_script_of_mandarin_changes_nothing(text: str, tag: str) -> None:
    assert to_script(text, tag=tag) == text


@pytest.mark.parametrize("tag", ["zh-Hans", "zh-Hant"])
def test_text_that_is_in_the_script_already_stays_as_it_is(tag: str) -> None:
    once = to_script(SIMPLIFIED, tag=tag)
    assert to_script(once, tag=tag) == once


def test_threads_may_convert_at_once() -> None:
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: to_script(TRADITIONAL, tag="zh-Hans"), range(100))) == {SIMPLIFIED}
