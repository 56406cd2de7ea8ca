"""The usage report as files: a sheet for spreadsheets, a page for people. Pure: from a UsageReport to text."""
