/* global document, getComputedStyle, SVGElement */
// What runs in the page, not in Node: functions that a browser is handed whole, so each stands alone.

/** What is drawn of each chart: its size, its marks that can be seen, its texts. */
export function drawnCharts() {
  return [...document.querySelectorAll('svg.chart')].map((chart) => {
    const { width, height } = chart.getBoundingClientRect();
    const marks = [...chart.querySelectorAll('path')].filter((path) => {
      const { fill, stroke } = getComputedStyle(path);
      // A colour that is not defined comes out as black.
      const painted = [fill, stroke].some((colour) => colour.startsWith('rgb(') && colour !== 'rgb(0, 0, 0)');
      const box = path.getBoundingClientRect();
      return painted && box.width + box.height > 0;
    });
    const texts = [...chart.querySelectorAll('text')].map((text) => text.textContent);
    return { width, height, marks: marks.length, texts };
  });
}

/** The least contrast of any text of a chart, or near one, to its ground (Web Content Accessibility Guidelines 2.2, 1.4.3). */
export function leastContrast() {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map((channel) => {
      const share = Number(channel) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = luminance(getComputedStyle(document.querySelector('figure')).backgroundColor);
  const contrasts = [...document.querySelectorAll('svg.chart text, figure h3, summary')].map((element) => {
    const style = getComputedStyle(element);
    const ink = luminance(element instanceof SVGElement ? style.fill : style.color);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  });
  return Math.min(...contrasts);
}

/** Pairs of texts of one chart that lie over each other. */
export function overlappingTexts() {
  return [...document.querySelectorAll('svg.chart')].flatMap((chart) => {
    const texts = [...chart.querySelectorAll('text')].map((text) => ({
      text: text.textContent,
      box: text.getBoundingClientRect(),
    }));
    // Boxes are as high as a line, which is more than its letters.
    const meet = ({ box: a }, { box: b }) =>
      a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
    return texts.flatMap((one, index) =>
      texts
        .slice(index + 1)
        .filter((other) => meet(one, other))
        .map((other) => `${chart.getAttribute('aria-label')}: ${one.text} / ${other.text}`),
    );
  });
}

/** By how many pixels the page is wider than its window. */
export function sidewaysScroll() {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth - clientWidth;
}
