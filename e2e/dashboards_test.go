// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	grafana "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The dashboard is one by Grafana's own definition, which knows every key.
func TestDashboardFollowsGrafanasSchema(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	var d grafana.Dashboard //nolint:staticcheck // the classic model: only Grafana 12 and later import the one that replaces it
	if err := d.UnmarshalJSONStrict(readFile(t, dashboardFile)); err != nil {
		// A list of errors, which is never nil.
		require.Empty(t, err.Error())
	}
	require.NoError(t, d.Validate())
}

func TestDashboardIsTidy(t *testing.T) {
	d := readDashboard(t)
	ids, titles, cells := map[int]string{}, map[string]bool{}, map[[2]int]string{}
	bottom := 0
	for _, p := range d.Panels {
		require.NotContains(t, ids, p.ID, "the id of %s", p.Title)
		ids[p.ID] = p.Title
		require.NotEmpty(t, p.Title)
		require.NotContains(t, titles, p.Title)
		titles[p.Title] = true
		at := p.GridPos
		require.True(t, at.X >= 0 && at.Y >= 0 && at.W > 0 && at.H > 0 && at.X+at.W <= 24, "%s is at %+v", p.Title, at)
		bottom = max(bottom, at.Y+at.H)
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				require.NotContains(t, cells, [2]int{x, y}, "%s overlaps", p.Title)
				cells[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			require.Equal(t, 24, at.W)
			continue
		}
		require.NotEmpty(t, p.Description, p.Title)
		require.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
		require.NotEmpty(t, p.Targets, p.Title)
	}
	require.Len(t, cells, 24*bottom, "the grid has holes")
	// What is chosen in a panel's data source must work wherever the dashboard is imported.
	for _, uid := range regexp.MustCompile(`"uid": "([^"]*)"`).FindAllStringSubmatch(string(readFile(t, dashboardFile)), -1) {
		require.Contains(t, []string{"${DS_PROMETHEUS}", "annotation-metrics"}, uid[1])
	}
}

// Whatever the components say of themselves is on the dashboard, for each kind of them.
func TestDashboardShowsEverySelfMetric(t *testing.T) {
	d := readDashboard(t)
	for kind, file := range map[string]string{"processor": "metadata.yaml", "connector": "connector/metadata.yaml"} {
		var metadata struct {
			Telemetry struct {
				Metrics map[string]struct{ Prefix string }
			}
		}
		require.NoError(t, yaml.Unmarshal(readFile(t, file), &metadata))
		require.NotEmpty(t, metadata.Telemetry.Metrics)
		for name, m := range metadata.Telemetry.Metrics {
			require.Equal(t, "otelcol_"+kind+"_annotation_metrics_", m.Prefix)
			shown := false
			for _, p := range d.Panels {
				for _, target := range p.Targets {
					for _, regex := range regexp.MustCompile(`__name__=~"([^"]*)"`).FindAllStringSubmatch(target.Expr, -1) {
						names := regexp.MustCompile("^(?:" + strings.ReplaceAll(regex[1], "$suffixes", "(_seconds)?(_total)?") + ")$")
						shown = shown || names.MatchString(m.Prefix+name)
					}
				}
			}
			require.True(t, shown, "no panel shows %s%s", m.Prefix, name)
		}
	}
}

// Each alert says how bad it is and what to do, and the documents know it.
func TestAlertsSayWhatToDo(t *testing.T) {
	anchors := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(readFile(t, "README.md")), -1) {
		anchors[strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-")] = true
	}
	table, tests := string(readFile(t, "dashboards/README.md")), string(readFile(t, alertsTestFile))
	for _, a := range readAlerts(t) {
		require.Contains(t, []string{"info", "warning", "critical"}, a.Labels["severity"], a.Alert)
		require.NotEmpty(t, a.Annotations["summary"], a.Alert)
		require.NotEmpty(t, a.Annotations["description"], a.Alert)
		page, anchor, ok := strings.Cut(a.Annotations["runbook_url"], "#")
		require.True(t, ok, a.Alert)
		require.Equal(t, "https://github.com/annotationmetrics/annotationmetricsprocessor", page)
		require.True(t, anchors[anchor], "README.md has no heading for #%s of %s", anchor, a.Alert)
		require.Contains(t, table, "`"+a.Alert+"`")
		require.Contains(t, tests, "- alertname: "+a.Alert+"\n", "no test has it fire")
		require.Contains(t, tests, "- {alertname: "+a.Alert+", eval_time: ", "no test has it wait")
	}
}

func TestAlertsPassPromtool(t *testing.T) {
	program := lookProgram(t, "promtool", debian("prometheus"))
	for _, args := range [][]string{
		{"check", "rules", "--lint-fatal", filepath.Base(alertsFile)},
		{"check", "config", "prometheus.yml"},
		{"test", "rules", filepath.Base(alertsTestFile)},
	} {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Dir = filepath.Join(repository, filepath.Dir(alertsFile))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "promtool %s:\n%s", strings.Join(args, " "), out)
	}
}
