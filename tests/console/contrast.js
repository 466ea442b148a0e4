// Gives the texts of a page whose contrast to what is behind them is too low (WCAG 2.2, 1.4.3), as sentences.

() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  // The browser itself reads every notation of a colour.
  function rgba(colour) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return { channels: [red, green, blue], alpha: alpha / 255 };
  }

  const over = ({ channels, alpha }, below) => channels.map((each, at) => each * alpha + below[at] * (1 - alpha));

  function behind(element) {
    if (!element) return [255, 255, 255];
    return over(rgba(getComputedStyle(element).backgroundColor), behind(element.parentElement));
  }

  function luminance(channels) {
    const [red, green, blue] = channels.map((each) => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function ratio(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  function problem(element, colour, text) {
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const background = behind(element);
    const found = ratio(over(rgba(colour), background), background);
    return found < (isLarge ? 3 : 4.5) ? `${found.toFixed(2)}: ${text.trim().slice(0, 40)} (${element.className || element.tagName})` : null;
  }

  const problems = new Set();
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest(".unseen, :disabled");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: element } = walker.currentNode;
    if (!data.trim() || !isShown(element) || element.closest("script, noscript, textarea")) continue;
    const style = getComputedStyle(element);
    const found = problem(element, element instanceof SVGElement ? style.fill : style.color, data);
    if (found) problems.add(found);
  }
  for (const element of document.querySelectorAll("input, select, textarea")) {
    if (!isShown(element) || ["range", "radio", "checkbox"].includes(element.type)) continue;
    const pseudo = element.value || !element.placeholder ? null : "::placeholder";
    const { color } = getComputedStyle(element, pseudo);
    if (rgba(color).alpha === 0) continue; // the editor's own text, which is shown by what lies under it
    const found = problem(element, color, element.value || element.placeholder);
    if (found) problems.add(found);
  }
  return [...problems];
}
