"""The Palabre server. Imports go down only: see DESIGN.md beside this file."""
