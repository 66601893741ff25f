import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.URIReferenceException;
import javax.xml.crypto.dsig.*;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Node;

/** Signs packages with Java's own XML-DSig: KEYSTORE PASSWORD LIST, where a line of LIST is input, output, canonicalisation, signature and digest algorithm, prefix, and
 * for each attachment to be named: its URI and the file of its content. */
public class SignPackages {
    public static void main(String[] args) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        try (var in = new FileInputStream(args[0])) {
            store.load(in, args[1].toCharArray());
        }
        var alias = store.aliases().nextElement();
        var key = (PrivateKey) store.getKey(alias, args[1].toCharArray());
        var certificate = (X509Certificate) store.getCertificate(alias);
        for (String line : Files.readAllLines(Path.of(args[2]))) {
            sign(line.split("\t", -1), key, certificate);
        }
    }

    private static void sign(String[] f, PrivateKey key, X509Certificate certificate) throws Exception {
        var builder = DocumentBuilderFactory.newInstance();
        builder.setNamespaceAware(true);
        Document document = builder.newDocumentBuilder().parse(new File(f[0]));
        Node header = document.getElementsByTagNameNS("*", "edXMLHeader").item(0);
        var factory = XMLSignatureFactory.getInstance("DOM");
        var reference = factory.newReference(
            "",
            factory.newDigestMethod(f[4], null),
            List.of(
                factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
                factory.newTransform(f[2], (TransformParameterSpec) null)),
            null,
            null);
        var references = new ArrayList<Reference>();
        references.add(reference);
        for (int i = 6; i + 1 < f.length; i += 2) {
            references.add(factory.newReference(f[i], factory.newDigestMethod(f[4], null)));
        }
        var info = factory.newSignedInfo(
            factory.newCanonicalizationMethod(f[2], (C14NMethodParameterSpec) null),
            factory.newSignatureMethod(f[3], null),
            references);
        KeyInfoFactory keys = factory.getKeyInfoFactory();
        KeyInfo keyInfo = keys.newKeyInfo(
            List.of(keys.newX509Data(List.of(certificate.getSubjectX500Principal().getName(), certificate))));
        var context = new DOMSignContext(key, header);
        if (!f[5].isEmpty()) {
            context.setDefaultNamespacePrefix(f[5]);
        }
        var usual = factory.getURIDereferencer();
        context.setURIDereferencer((uri, crypto) -> {
            for (int i = 6; i + 1 < f.length; i += 2) {
                if (f[i].equals(uri.getURI())) {
                    try {
                        return new OctetStreamData(new FileInputStream(f[i + 1]));
                    } catch (IOException e) {
                        throw new URIReferenceException(e);
                    }
                }
            }
            return usual.dereference(uri, crypto);
        });
        factory.newXMLSignature(info, keyInfo).sign(context);
        TransformerFactory.newInstance()
            .newTransformer()
            .transform(new DOMSource(document), new StreamResult(new File(f[1])));
    }
}
