// Signs packages with the Node package xml-crypto: KEY.pem CERTIFICATE.pem LIST, where a line of LIST is
// input, output, canonicalisation, signature and digest algorithm, prefix.
const fs = require('node:fs');
const path = require('node:path');
const { SignedXml } = require(path.join(process.cwd(), 'node_modules', 'xml-crypto'));

const [keyFile, certificateFile, listFile] = process.argv.slice(2);
const privateKey = fs.readFileSync(keyFile, 'utf8');
const publicCert = fs.readFileSync(certificateFile, 'utf8');

for (const line of fs.readFileSync(listFile, 'utf8').split('\n')) {
  const [input, output, canonicalizationAlgorithm, signatureAlgorithm, digestAlgorithm, prefix] = line.split('\t');
  const signer = new SignedXml({ privateKey, publicCert, canonicalizationAlgorithm, signatureAlgorithm });
  signer.addReference({
    xpath: '/*',
    isEmptyUri: true,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', canonicalizationAlgorithm],
    digestAlgorithm,
  });
  signer.computeSignature(fs.readFileSync(input, 'utf8'), {
    prefix,
    location: { reference: "//*[local-name(.)='edXMLHeader']", action: 'append' },
  });
  fs.writeFileSync(output, signer.getSignedXml());
}
