"""Files of complaints in, files of decisions out: streamed, in order, resumable, no row lost."""

from triage.batch.run import Report, run

__all__ = ["Report", "run"]
