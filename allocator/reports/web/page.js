"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const config = { displayModeBar: false, responsive: true, scrollZoom: false };
  const coloured = (value, style) => {
    if (typeof value === "string") {
      const named = /^var\((--[a-z0-9]+)\)$/.exec(value);
      return named ? style.getPropertyValue(named[1]).trim() : value;
    }
    if (Array.isArray(value)) return value.map((one) => coloured(one, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one, style)]));
    }
    return value;
  };
  const axis = (own, style) => ({
    automargin: true, gridcolor: style.getPropertyValue("--grid").trim(), zerolinecolor: style.getPropertyValue("--faint").trim(),
    linecolor: style.getPropertyValue("--grid").trim(), fixedrange: true, separatethousands: true,
    exponentformat: "none", ...own,
  });
  const draw = (place) => {
    const style = getComputedStyle(document.documentElement);
    const chart = coloured(JSON.parse(place.nextElementSibling.textContent), style);
    const layout = {
      margin: { l: 8, r: 8, t: 8, b: 8 }, height: chart.height, hovermode: "x unified", bargap: 0.15, dragmode: false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", separators: ".,",
      font: { family: style.fontFamily || "sans-serif", size: 12, color: style.getPropertyValue("--ink").trim() },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11.5 } },
      hoverlabel: { bgcolor: style.getPropertyValue("--card").trim(), bordercolor: style.getPropertyValue("--grid").trim(),
        font: { color: style.getPropertyValue("--ink").trim() } },
      ...chart.layout,
    };
    for (const name of ["xaxis", "yaxis", "yaxis2"]) if (layout[name]) layout[name] = axis(layout[name], style);
    if (place.clientWidth < 480 && layout.xaxis?.type === "date" && layout.xaxis.nticks) layout.xaxis.nticks /= 2;
    Plotly.react(place, chart.data, layout, config).then(() => { place.dataset.drawn = "yes"; });
  };
  const places = [...document.querySelectorAll(".chart")];
  const ways = [...document.querySelectorAll("details.way")];
  const all = () => places.forEach(draw);
  dark.addEventListener("change", all);
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.print = "yes";
    ways.forEach((way) => { way.dataset.was = way.open ? "open" : "closed"; way.open = true; });
    places.forEach((place) => {
      const height = Math.round(0.8 * parseFloat(place.dataset.height));
      draw(place);
      place.style.height = `${height}px`;
      Plotly.relayout(place, { width: place.closest(".wide") ? 660 : 310, height });
    });
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset.print;
    ways.forEach((way) => { way.open = way.dataset.was === "open"; });
    places.forEach((place) => {
      place.style.height = `${place.dataset.height}px`;
      draw(place);
      Plotly.relayout(place, { width: null, autosize: true });
    });
  });
  all();
  document.getElementById("js-plotly-tester")?.setAttribute("aria-hidden", "true");
})();
