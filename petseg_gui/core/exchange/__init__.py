"""Labels of other programs into a project, and a project's labels out to them.

:mod:`importing` and :mod:`exporting` are the two ways in: each makes a plan, which writes nothing
and can be shown, and carries it out.  Everything read here may come from a stranger: sizes are
checked before anything is decoded, and what is wrong becomes an :class:`ExchangeError`.
"""
