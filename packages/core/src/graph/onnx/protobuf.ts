// The part of the protobuf wire format that ONNX models need: varints, 32-bit floats and length-delimited fields.

/** One message under construction. Fields are written in the order of the calls. */
export class Message {
  private readonly parts: Uint8Array[] = [];
  private size = 0;

  varint(field: number, value: number | bigint): this {
    return this.push(encodeVarint(BigInt(field << 3))).push(encodeVarint(BigInt(value)));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.push(encodeVarint(BigInt((field << 3) | 5))).push(bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    return this.push(encodeVarint(BigInt((field << 3) | 2)))
      .push(encodeVarint(BigInt(value.length)))
      .push(value);
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  private push(part: Uint8Array): this {
    this.parts.push(part);
    this.size += part.length;
    return this;
  }
}

/** Negative numbers are written as their 64-bit two's complement, ten bytes, as protobuf's int64 asks. */
function encodeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
