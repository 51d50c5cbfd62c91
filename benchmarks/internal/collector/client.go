// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// client sends requests that are encoded already, so that the sender takes as little of
// the machine as it can.
type client struct {
	conn *grpc.ClientConn
}

func newClient(port int) (*client, error) {
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(encoded{})))
	return &client{conn: conn}, err
}

// export sends a request. It returns nil if all records in it were accepted.
func (c *client) export(ctx context.Context, body []byte) error {
	var answer []byte
	if err := c.conn.Invoke(ctx, "/opentelemetry.proto.collector.logs.v1.LogsService/Export", body, &answer); err != nil {
		return err
	}
	if len(answer) == 0 {
		return nil
	}
	response := plogotlp.NewExportResponse()
	if err := response.UnmarshalProto(answer); err != nil {
		return err
	}
	if n := response.PartialSuccess().RejectedLogRecords(); n != 0 {
		return fmt.Errorf("all records must be accepted, found %d that are not", n)
	}
	return nil
}

func (c *client) close() error {
	return c.conn.Close()
}

// encoded is a gRPC codec for what is bytes already.
type encoded struct{}

// Marshal implements encoding.Codec.
func (encoded) Marshal(v any) ([]byte, error) {
	body, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("a request must be encoded, found %T", v)
	}
	return body, nil
}

// Unmarshal implements encoding.Codec.
func (encoded) Unmarshal(data []byte, v any) error {
	to, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("an answer must go to bytes, found %T", v)
	}
	*to = append((*to)[:0], data...)
	return nil
}

// Name implements encoding.Codec.
func (encoded) Name() string { return "proto" }
