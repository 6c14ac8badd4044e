"""Measurements that the defaults rest on. Each module is one command."""
