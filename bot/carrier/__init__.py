"""The carrier's side of the wire: the messages of Twilio Media Streams, parsed and built."""
