// What pictures show, found in a page of its own, which can decode them.

let drawing;

async function ask(browser, work, ...given) {
  drawing ??= browser.newPage();
  const [pictures, more] = [given.filter(Buffer.isBuffer), given.filter((one) => !Buffer.isBuffer(one))];
  return (await drawing).evaluate(async ([work, pictures, more]) => {
    const decoded = await Promise.all(pictures.map(async (text) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${text}`)).blob());
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height);
    }));
    return new Function(`return (${work})`)()(...decoded, ...more);
  }, [work.toString(), pictures.map((bytes) => bytes.toString("base64")), more]);
}

/** The middle of the pixels that come nearest to a CSS colour, and how far they are from it. */
export const hottest = (browser, picture, colour) => ask(browser, ({ data, width }, colour) => {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  let [far, x, y, count] = [Infinity, 0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const here = Math.hypot(data[i] - r, data[i + 1] - g, data[i + 2] - b);
    if (here < far) [far, x, y, count] = [here, 0, 0, 0];
    if (here === far) (x += (i / 4) % width), (y += Math.floor(i / 4 / width)), count++;
  }
  return { at: [x / count, y / count], far };
}, picture, colour);

/** How many colours a picture has, and that of a place near its lower right corner, where there is no heat. */
export const spread = (browser, picture) => ask(browser, ({ data, width, height }) => {
  const colours = new Set();
  for (let i = 0; i < data.length; i += 4) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  const corner = 4 * ((height - 20) * width + width - 20);
  return { colours: colours.size, corner: [...data.slice(corner, corner + 3)] };
}, picture);

/** The share of pixels that two pictures have in common, all but, between two shares of their width and of their height. */
export const same = (browser, one, other, [from, to] = [0, 1], [above, below] = [0, 1]) => ask(browser, (one, other, from, to, above, below) => {
  const { width, height } = one;
  const [left, right] = [Math.round(width * from), Math.round(width * to)];
  const [top, bottom] = [Math.round(height * above), Math.round(height * below)];
  let equal = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const i = 4 * (y * width + x);
      equal += [0, 1, 2].every((part) => Math.abs(one.data[i + part] - other.data[i + part]) <= 4);
    }
  }
  return equal / ((bottom - top) * (right - left));
}, one, other, from, to, above, below);
