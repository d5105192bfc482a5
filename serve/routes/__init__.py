"""The addresses of the service: each file gives a router; handlers parse, call and return."""
