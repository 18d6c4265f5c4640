"""Tasks of leads: the section of the page, the forms that change a task, and the page of one."""
