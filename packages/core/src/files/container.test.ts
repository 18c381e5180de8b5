import { expect, it } from "vitest";
import { type ContainerKind, recogniseContainer } from "./container.js";

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const zip = (member: string) => `PK\x03\x04\x14\x00\x00\x00\x00\x00${"\0".repeat(16)}\x10\x00\x00\x00${member}`;

const FILES: readonly (readonly [ContainerKind | undefined, string])[] = [
  ["empty", ""],
  ["zeros", "\0".repeat(4096)],
  ["torch-zip", zip("archive/data.pkl")],
  ["torch-zip", zip("sd-v1-4/version")],
  ["zip", zip("model.safetensors")],
  ["zip", "PK\x05\x06\0\0\0\0"],
  ["pickle", "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."],
  ["pickle", "\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94."],
  ["gguf", "GGUF\x03\0\0\0\x10\0\0\0"],
  ["ggml", "tjgg\x03\0\0\0"],
  ["onnx", "\x08\x08\x12\x07pytorch\x1a\x052.1.0"],
  ["onnx", "\x08\x0a\x3a\x95\x88\x9c\x04"],
  ["hdf5", "\x89HDF\r\n\x1a\n\0\0"],
  ["numpy", "\x93NUMPY\x01\0"],
  ["tflite", "\x1c\0\0\0TFL3"],
  ["lfs-pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:9f63\nsize 503787\n"],
  ["html", "<!DOCTYPE html>\n<html lang=en>"],
  ["html", "\xef\xbb\xbf\r\n  <html>"],
  ["html", "<!-- login -->\n<!doctype HTML>"],
  ["xml", '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
  ["json", '{"error":"Unauthorized","message":"The creator requires you to be logged in"}'],
  ["json", '[{"error": 1}]'],
  ["index-json", '{\n  "_class_name": "StableDiffusionPipeline"'],
  ["index-json", '{"weight_map":{"a":"b.safetensors"}}'],
  ["gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"],
  ["zstd", "\x28\xb5\x2f\xfd\x04"],
  ["xz", "\xfd7zXZ\0\0"],
  ["7z", "7z\xbc\xaf\x27\x1c\0"],
  ["rar", "Rar!\x1a\x07\x01\0"],
  ["tar", `sd/model.ckpt${"\0".repeat(244)}ustar\x0000`],
  ["image", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
  ["image", "\xff\xd8\xff\xe0\0\x10JFIF"],
  ["image", "RIFF\x24\0\0\0WEBPVP8 "],
  ["program", "MZ\x90\0\x03\0\0\0"],
  ["program", "\x7fELF\x02\x01\x01"],
  ["text", "Invalid username or password."],
  ["text", "Entry not found"],
  [undefined, "\x3c\0\0\0\0\0\0\0{"],
  [undefined, "\x08\x01\x12\0\0\0\0\0{"],
  [undefined, "\xa7\x13\x99\x42\x5e\x01\xfe\x88"],
];

it.each(FILES)("%s: %j", (kind, text) => {
  const found = recogniseContainer(latin(text), text.length);
  expect(found?.kind).toBe(kind);
  if (found !== undefined) expect(found.hint.length).toBeGreaterThan(20);
});
