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
    return look;
  }

  // Where the panels of the map go: side by side, or below one another on a narrow page.
  function arranged(look, chart, narrow) {
    if (!chart.narrow) return look;
    look.plot_bgcolor = colour("--outside");
    if (!narrow) return look;
    chart.narrow.forEach(function ([left, right, bottom, top], place) {
      const suffix = place ? String(place + 1) : "";
      look["xaxis" + suffix].domain = [left, right];
      look["yaxis" + suffix].domain = [bottom, top];
      Object.assign(look.annotations[place], { x: left, y: top });
    });
    return look;
  }

  function traces(data, narrow) {
    return data.map(function (trace) {
      const copy = structuredClone(trace);
      if (narrow && copy.type === "scattergl") copy.marker.size -= 2;
      if (copy.type === "scattergl" && !webgl) copy.type = "scatter"; // slower, and drawn everywhere
      if (copy.name === "land") {
        copy.fillcolor = colour("--land");
        copy.line.color = colour("--coast");
      } else if (copy.name === "border") {
        copy.line.color = colour("--border");
      } else if (copy.name === "scale") {
        copy.line.color = copy.textfont.color = colour("--quiet");
      } else if (copy.name === "towns") {
        copy.textfont.color = copy.marker.color = colour("--quiet");
        if (narrow) for (const list of ["x", "y", "text"]) copy[list] = copy[list].slice(0, 10); // those in view, the largest
      }
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
      const narrow = place.clientWidth < 700;
      if (chart.heights) place.style.height = chart.heights[Number(narrow)] + "px";
      const look = arranged(dressed(chart.layout), chart, narrow);
      for (const key of Object.keys(look)) {
        if (place.layout && /^[xy]axis/.test(key)) look[key].range = place.layout[key].range; // keep the zoom
      }
      Plotly.react(place, traces(chart.data, narrow), look, Object.assign({}, config, chart.config));
    }
  }

  draw();
  dark.addEventListener("change", draw);
})();
