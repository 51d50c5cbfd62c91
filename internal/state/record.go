// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
)

// version is that of the format of all records.
const version = 1

// prefix is how many bytes come before the value: the version and the checksum.
const prefix = 1 + 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("it is damaged, or not a record of this component")

// encode returns the record of a value.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, prefix))
	if err := gob.NewEncoder(&b).Encode(value); err != nil {
		return nil, err
	}
	record := b.Bytes()
	record[0] = version
	binary.LittleEndian.PutUint32(record[1:], crc32.Checksum(record[prefix:], castagnoli))
	return record, nil
}

// decode reads a record into value.
func decode(record []byte, value any) (err error) {
	defer func() {
		// gob may not expect what somebody else has written.
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errDamaged, r)
		}
	}()
	switch {
	case len(record) < prefix:
		return errDamaged
	case crc32.Checksum(record[prefix:], castagnoli) != binary.LittleEndian.Uint32(record[1:]):
		return errDamaged
	case record[0] > version:
		return fmt.Errorf("its format has version %d, this program knows versions up to %d", record[0], version)
	case record[0] == 0:
		return errDamaged
	}
	if err := gob.NewDecoder(bytes.NewReader(record[prefix:])).Decode(value); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}
