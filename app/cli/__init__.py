"""The command line, `dragoman`. Modules are light to import; commands import what they need when they run."""
