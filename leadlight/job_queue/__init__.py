"""Queue of jobs in the database: work to do outside of a request, at least once.

`queue` adds jobs and takes them; `leadlight.jobs.worker` runs them. A job is added in the
transaction of the change that needs it, so that neither exists without the other.
"""
