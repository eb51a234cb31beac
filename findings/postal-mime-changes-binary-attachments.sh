#!/usr/bin/env bash
# postal-mime 4.0.0 (npm), a MIME parser.
# RFC 2045 §6.2: a body with Content-Transfer-Encoding 8bit or binary is what its octets are; RFC 2046 §5.1.1: the line break in front of a
# boundary belongs to the boundary. BINARYMIME (RFC 3030) brings such parts over SMTP. An attachment thus comes out as it went in, as it
# does with base64.
# Seen: unless the part is base64, each CRLF of an attachment becomes LF and the attachment gets one LF more at its end, whatever its type
# is: a PDF or a ZIP file in a binary part is damaged, checksums and signatures of texts fail. A quoted-printable part keeps the CRLF that
# is written as =0D=0A only. (mailparser 3.14.2 gives the octets back.)
# Output (the attachment is 41 0D 0A 42 0D 43 0A 00):
#   base64 postal-mime: 410d0a420d430a00
#   binary postal-mime: 410a420d430a000a
#   binary mailparser: 410d0a420d430a00
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --no-audit --no-fund --ignore-scripts --loglevel=error postal-mime@4.0.0 mailparser@3.14.2 > /dev/null
cat > run.mjs << 'EOF'
import mailparser from "mailparser";
import PostalMime from "postal-mime";
const attachment = Buffer.from("A\r\nB\rC\n\0", "latin1");
const message = (encoding, body) => Buffer.concat([Buffer.from("From: ann@example.org\r\nMIME-Version: 1.0\r\n" +
  "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n" +
  "Content-Disposition: attachment; filename=x.bin\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n"), body, Buffer.from("\r\n--b--\r\n")]);
const binary = message("binary", attachment), base64 = message("base64", Buffer.from(attachment.toString("base64")));
const hex = content => Buffer.from(content).toString("hex");
const seen = ["base64 postal-mime: " + hex((await PostalMime.parse(base64)).attachments[0].content),
              "binary postal-mime: " + hex((await PostalMime.parse(binary)).attachments[0].content),
              "binary mailparser: " + hex((await mailparser.simpleParser(binary)).attachments[0].content)].join("\n");
console.log(seen);
process.exit(seen === `base64 postal-mime: 410d0a420d430a00
binary postal-mime: 410a420d430a000a
binary mailparser: 410d0a420d430a00` ? 0 : 1);
EOF
node run.mjs
