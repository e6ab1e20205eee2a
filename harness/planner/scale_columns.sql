-- Distinct values, and the shares of common values (kind 1) and elements (kind 4), at the new size.
-- Histograms, correlations and the values themselves stay: the new data is spread like the old.
UPDATE pg_statistic AS s
SET stadistinct = v.distinct_values,
    stanumbers1 = CASE s.stakind1
        WHEN 1 THEN (SELECT array_agg((x / v.growth)::real ORDER BY o) FROM unnest(s.stanumbers1) WITH ORDINALITY u (x, o))
        WHEN 4 THEN (SELECT array_agg((x / v.element_growth)::real ORDER BY o) FROM unnest(s.stanumbers1) WITH ORDINALITY u (x, o))
        ELSE s.stanumbers1 END,
    stanumbers2 = CASE s.stakind2
        WHEN 1 THEN (SELECT array_agg((x / v.growth)::real ORDER BY o) FROM unnest(s.stanumbers2) WITH ORDINALITY u (x, o))
        WHEN 4 THEN (SELECT array_agg((x / v.element_growth)::real ORDER BY o) FROM unnest(s.stanumbers2) WITH ORDINALITY u (x, o))
        ELSE s.stanumbers2 END,
    stanumbers3 = CASE s.stakind3
        WHEN 4 THEN (SELECT array_agg((x / v.element_growth)::real ORDER BY o) FROM unnest(s.stanumbers3) WITH ORDINALITY u (x, o))
        ELSE s.stanumbers3 END,
    stanumbers4 = CASE s.stakind4
        WHEN 4 THEN (SELECT array_agg((x / v.element_growth)::real ORDER BY o) FROM unnest(s.stanumbers4) WITH ORDINALITY u (x, o))
        ELSE s.stanumbers4 END
FROM unnest(%(relations)s::bigint[], %(numbers)s::int[], %(inherited)s::bool[],
            %(distinct)s::real[], %(growth)s::float8[], %(element_growth)s::float8[])
     AS v (relation, number, inherited, distinct_values, growth, element_growth)
WHERE s.starelid = v.relation::oid AND s.staattnum = v.number AND s.stainherit = v.inherited
