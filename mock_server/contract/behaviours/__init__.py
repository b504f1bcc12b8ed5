"""Reading the extensions: resources, behaviours, assumptions."""
