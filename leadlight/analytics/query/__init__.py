"""Report queries: parameters, periods, filters, grouping, scope and bound values."""
