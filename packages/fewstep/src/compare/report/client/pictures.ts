// The pictures of the page: PNG files as base64 in script elements, which a browser does not look into before they are asked for.

const urls = new Map<string, string>();

/** Undefined where a cell has no picture. */
export function pictureUrl(id: string): string | undefined {
  const known = urls.get(id);
  if (known !== undefined) return known;
  const text = document.querySelector(`script[data-picture="${CSS.escape(id)}"]`)?.textContent;
  if (text === null || text === undefined) return undefined;
  const binary = atob(text);
  const url = URL.createObjectURL(
    new Blob([Uint8Array.from(binary, (letter) => letter.charCodeAt(0))], { type: "image/png" }),
  );
  urls.set(id, url);
  return url;
}

const decoded = new Map<string, Promise<ImageData>>();

/** A picture's pixels, for the difference and the reading of one pixel. */
export function picturePixels(id: string): Promise<ImageData> | undefined {
  const url = pictureUrl(id);
  if (url === undefined) return undefined;
  const known = decoded.get(id);
  if (known !== undefined) return known;
  const pixels = readPixels(url);
  decoded.set(id, pixels);
  // a few are enough: two are looked at at once
  if (decoded.size > 8) decoded.delete(decoded.keys().next().value!);
  return pixels;
}

async function readPixels(url: string): Promise<ImageData> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
