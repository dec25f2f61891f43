// A photo made smaller keeps what its camera wrote: when and where it was taken is evidence.
const HEAD = 256 * 1024; // the camera's words stand in front of the picture
const APP1 = 0xffe1;
const START_OF_SCAN = 0xffda;
const EXIF = 0x45786966; // "Exif"
const ORIENTATION = 0x0112;

/** Return the bytes of the camera's segment of a JPEG, or null. */
function find(bytes) {
  const view = new DataView(bytes);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength;) {
    const marker = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (marker === START_OF_SCAN || marker < 0xff00 || length < 2) return null;
    if (marker === APP1 && view.getUint32(at + 4) === EXIF) {
      const end = at + 2 + length;
      return end <= view.byteLength ? bytes.slice(at, end) : null;
    }
    at += 2 + length;
  }
  return null;
}

/** The pixels are upright by now: say so, or the picture would be turned twice. */
function upright(segment) {
  const view = new DataView(segment);
  const tiff = 10;
  const little = view.getUint16(tiff) === 0x4949;
  const first = tiff + view.getUint32(tiff + 4, little);
  const count = view.getUint16(first, little);
  for (let index = 0; index < count; index += 1) {
    const entry = first + 2 + 12 * index;
    if (view.getUint16(entry, little) === ORIENTATION) view.setUint16(entry + 8, 1, little);
  }
  return segment;
}

/** Return `small`, a JPEG, with what the camera wrote into `original`. */
export async function keepCameraData(original, small) {
  try {
    const segment = find(await original.slice(0, HEAD).arrayBuffer());
    return segment ? new Blob([small.slice(0, 2), upright(segment), small.slice(2)], { type: small.type }) : small;
  } catch {
    return small; // words that cannot be read are left out
  }
}
