"""The line: sockets, processes, web pages, storage. It uses audio and flows and adds no judgement."""
