-- Copyright The annotation_metrics Authors
-- SPDX-License-Identifier: Apache-2.0

-- What one has today in Velostream: @metric annotations on a query.

-- @metric: large_trades_total
-- @metric_type: counter
-- @metric_help: "Trades of more than 1000 pieces"
-- @metric_labels: symbol, exchange
-- @metric_condition: volume > 1000
--
-- @metric: traded_volume_total
-- @metric_type: counter
-- @metric_help: "Pieces traded"
-- @metric_labels: symbol
-- @metric_field: volume
--
-- @metric: current_price
-- @metric_type: gauge
-- @metric_help: "Price of the last trade"
-- @metric_labels: symbol
-- @metric_field: price
--
-- @metric: order_latency_ms
-- @metric_type: histogram
-- @metric_help: "Time from order to trade, in ms"
-- @metric_labels: exchange
-- @metric_field: latency
-- @metric_buckets: [5, 10, 50, 100, 500, 1000]
-- @metric_sample_rate: 1.0
CREATE STREAM trades AS
SELECT symbol, exchange, price, volume, latency, event_time AS _event_time
FROM in_trades
EMIT CHANGES;
