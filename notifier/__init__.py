"""Báo Tin: tells a citizen by SMS what happened to the case."""
