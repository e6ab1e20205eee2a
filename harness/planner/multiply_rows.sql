-- Every row so many times: copies beside their original, or behind all originals.
INSERT INTO {target} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {expressions}
FROM {source} AS s CROSS JOIN generate_series(0, {last}) AS copies (k)
ORDER BY {order}
