"""A record as text: terminal, HTML, JUnit, JSON; decides nothing."""
