// What a few ops answer, by loops over doubles as their definitions say: slow, sure, and only for the small tensors of the probe.

type Numbers = ArrayLike<number>;

/** x [rows, input] times weight [output, input] transposed, plus bias. */
export function linear(x: Numbers, weight: Numbers, bias: Numbers, rows: number): Float32Array {
  const width = weight.length / bias.length;
  return Float32Array.from({ length: rows * bias.length }, (_, at) => {
    const [row, column] = [Math.floor(at / bias.length), at % bias.length];
    let sum = bias[column]!;
    for (let i = 0; i < width; i++) sum += x[row * width + i]! * weight[column * width + i]!;
    return sum;
  });
}

/** 3x3 convolution of one [channels, size, size] picture, padded by one, weight [outputs, channels, 3, 3]. */
export function convolution(x: Numbers, weight: Numbers, bias: Numbers, size: number): Float32Array {
  const channels = x.length / size ** 2;
  const pixel = (c: number, row: number, column: number) =>
    Math.min(row, column) < 0 || Math.max(row, column) >= size ? 0 : x[(c * size + row) * size + column]!;
  return Float32Array.from({ length: bias.length * size ** 2 }, (_, at) => {
    const [output, row, column] = [Math.floor(at / size ** 2), Math.floor(at / size) % size, at % size];
    let sum = bias[output]!;
    for (let c = 0; c < channels; c++) {
      for (let k = 0; k < 9; k++) {
        sum += weight[(output * channels + c) * 9 + k]! * pixel(c, row + Math.floor(k / 3) - 1, column + (k % 3) - 1);
      }
    }
    return sum;
  });
}

/** Each of `groups` equal stretches brought to mean 0 and variance 1, then scaled and shifted by `affine(index)`. */
export function normalised(
  x: Numbers,
  groups: number,
  epsilon: number,
  affine: (index: number) => readonly [scale: number, shift: number],
): Float32Array {
  const length = x.length / groups;
  const result = new Float32Array(x.length);
  for (let group = 0; group < groups; group++) {
    const own = Array.from({ length }, (_, i) => x[group * length + i]!);
    const mean = own.reduce((sum, v) => sum + v, 0) / length;
    const variance = own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / length;
    own.forEach((v, i) => {
      const [scale, shift] = affine(group * length + i);
      result[group * length + i] = ((v - mean) / Math.sqrt(variance + epsilon)) * scale + shift;
    });
  }
  return result;
}

/** softmax(q k' / sqrt(width of a head)) v; q [queries, width], k and v [keys, width], heads side by side. */
export function attention(q: Numbers, k: Numbers, v: Numbers, width: number, heads: number): Float32Array {
  const [queries, keys, head] = [q.length / width, k.length / width, width / heads];
  const result = new Float32Array(q.length);
  for (let h = 0; h < heads; h++) {
    for (let query = 0; query < queries; query++) {
      const scores = Array.from({ length: keys }, (_, key) => {
        let dot = 0;
        for (let i = 0; i < head; i++) dot += q[query * width + h * head + i]! * k[key * width + h * head + i]!;
        return dot / Math.sqrt(head);
      });
      const largest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - largest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let i = 0; i < head; i++) {
        const mixed = weights.reduce((sum, weight, key) => sum + weight * v[key * width + h * head + i]!, 0);
        result[query * width + h * head + i] = mixed / total;
      }
    }
  }
  return result;
}

/** x * sigmoid(alpha x). */
export const sigmoidUnit = (x: Numbers, alpha: number): Float32Array =>
  Float32Array.from(x, (v) => v / (1 + Math.exp(-alpha * v)));

/** x * (1 + erf(x / sqrt 2)) / 2, erf by its Maclaurin series: good for the small |x| of the probe. */
export const gelu = (x: Numbers): Float32Array => Float32Array.from(x, (v) => (v * (1 + erf(v * Math.SQRT1_2))) / 2);

function erf(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
