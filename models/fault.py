"""Where an unforeseen error came from, fit for a log: its kind and place, never its message, which might hold text."""


def place(error: BaseException) -> str:
    """Such as `TypeError at app/plan.py:80`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "an unknown place"
    return f"{type(error).__name__} at {where}"
