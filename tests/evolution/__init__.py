"""Populations in which a number of rule or agent is inherited, selected and mutates."""
