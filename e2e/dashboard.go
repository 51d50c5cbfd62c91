// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	dashboardFile  = "dashboards/annotation-metrics.json"
	alertsFile     = "dashboards/alerts.yaml"
	alertsTestFile = "dashboards/alerts_test.yaml"
)

// dashboard is what tests need of the Grafana dashboard.
type dashboard struct {
	Panels     []panel `json:"panels"`
	Templating struct {
		List []variable `json:"list"`
	} `json:"templating"`
}

type panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	GridPos     struct{ X, Y, W, H int }
	Targets     []target `json:"targets"`
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

type target struct {
	Expr         string `json:"expr"`
	LegendFormat string `json:"legendFormat"`
}

type variable struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Definition string `json:"definition"` // the query
	Regex      string `json:"regex"`
	AllValue   string `json:"allValue"`
	Options    []struct{ Value string }
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, path))
	require.NoError(t, err)
	return text
}

func readDashboard(t *testing.T) *dashboard {
	t.Helper()
	d := &dashboard{}
	require.NoError(t, json.Unmarshal(readFile(t, dashboardFile), d))
	require.NotEmpty(t, d.Panels)
	require.NotEmpty(t, d.Templating.List)
	return d
}

// variable returns the variable of this name.
func (d *dashboard) variable(t *testing.T, name string) variable {
	t.Helper()
	for _, v := range d.Templating.List {
		if v.Name == name {
			return v
		}
	}
	require.FailNow(t, "no variable "+name)
	return variable{}
}

// first returns the first query of the panel with this title.
func (d *dashboard) first(t *testing.T, title string) target {
	t.Helper()
	for _, p := range d.Panels {
		if p.Title == title && len(p.Targets) > 0 {
			return p.Targets[0]
		}
	}
	require.FailNow(t, "no panel "+title)
	return target{}
}

// grafanaVariable matches what Grafana replaces in a query. `$1` of label_replace is none.
var grafanaVariable = regexp.MustCompile(`\$\{?[A-Za-z_]\w*\}?`)

// interpolate replaces the variables of a query as Grafana does. All of them must be known.
func interpolate(t *testing.T, query string, values map[string]string) string {
	t.Helper()
	return grafanaVariable.ReplaceAllStringFunc(query, func(name string) string {
		value, ok := values[strings.Trim(name, "${}")]
		require.True(t, ok, "%s is not known in %s", name, query)
		return value
	})
}

// literal is a text as Grafana puts it into a regular expression between PromQL's quotes.
func literal(text string) string {
	return strings.ReplaceAll(regexp.QuoteMeta(text), `\`, `\\`)
}

// alert is one of the alerting rules.
type alert struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func readAlerts(t *testing.T) []alert {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []alert `yaml:"rules"`
		} `yaml:"groups"`
	}
	require.NoError(t, yaml.Unmarshal(readFile(t, alertsFile), &rules))
	var all []alert
	for _, g := range rules.Groups {
		all = append(all, g.Rules...)
	}
	require.NotEmpty(t, all)
	return all
}
