-- Which label is on show for how long, by the file of an ndjson sink or of `labelcast tag -o DIR`:
--   cd DIR && duckdb < segments.sql

CREATE VIEW events AS
SELECT DISTINCT ON (id) *
FROM read_json(
  'events.ndjson',
  format = 'newline_delimited',
  columns = {
    id: 'VARCHAR',
    type: 'VARCHAR',
    data: 'STRUCT(
      streamId VARCHAR, epoch VARCHAR, "sequence" BIGINT, label VARCHAR, segmentId VARCHAR,
      startMs BIGINT, endMs BIGINT, startTime TIMESTAMPTZ, reason VARCHAR, score STRUCT(peak DOUBLE, mean DOUBLE)
    )'
  }
);

-- an event that ends a segment says all of it
CREATE VIEW segments AS
SELECT data.* FROM events WHERE type = 'io.labelcast.label.ended.v1';

SELECT
  streamId,
  label,
  count(*) AS segments,
  sum(endMs - startMs) / 1000 AS seconds,
  max(score.peak) AS peak
FROM segments
GROUP BY ALL
ORDER BY streamId, seconds DESC, label;
