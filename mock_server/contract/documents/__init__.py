"""Reading OpenAPI documents: every dialect, overlay and number of files brought to one."""
