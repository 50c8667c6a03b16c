"use strict";
(function () {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const webgl = Boolean(document.createElement("canvas").getContext("webgl"));

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // Plotly knows no style sheets: the page's colours are written into each layout, again when the theme changes.
  function dressed(layout) {
    const look = Object.assign({ uirevision: "kept", autosize: true }, structuredClone(layout));
    look.font = { color: colour("--text"), family: "system-ui, 'Segoe UI', sans-serif", size: 12 };
    look.paper_bgcolor = look.plot_bgcolor = "rgba(0,0,0,0)";
    look.hoverlabel = { bgcolor: colour("--card"), bordercolor: colour("--line"), font: { color: colour("--text") } };
    look.modebar = { bgcolor: "rgba(0,0,0,0)", color: colour("--quiet"), activecolor: colour("--text") };
    for (const key of Object.keys(look)) {
      if (/^[xy]axis/.test(key)) {
        Object.assign(look[key], { gridcolor: colour("--grid"), linecolor: colour("--line"), zerolinecolor: colour("--line") });
      }
    }
    for (const note of look.annotations || []) {
      if (note.name === "town") {
        note.bgcolor = colour("--card");
        note.font.color = colour("--quiet");
      }
    }
    return look;
  }

  function traces(data) {
    return data.map(function (trace) {
      const copy = structuredClone(trace);
      if (copy.type === "scattergl" && !webgl) copy.type = "scatter"; // slower, and drawn everywhere
      return copy;
    });
  }

  const config = {
    responsive: true, displaylogo: false, showLink: false, showEditInChartStudio: false, showSendToCloud: false,
    plotlyServerURL: "", topojsonURL: "", locale: "en",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "toggleSpikelines"],
  };

  function draw() {
    for (const [id, chart] of Object.entries(charts)) {
      const place = document.getElementById(id);
      const look = dressed(chart.layout);
      for (const key of Object.keys(look)) {
        if (place.layout && /^[xy]axis/.test(key)) look[key].range = place.layout[key].range; // keep the zoom
      }
      Plotly.react(place, traces(chart.data), look, Object.assign({}, config, chart.config));
    }
  }

  draw();
  dark.addEventListener("change", draw);
})();
