"""The web form: pages for people. Like app.api it only reads requests and writes answers."""
