import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * java KeyStoreReader.java TYPE FILE PASSPHRASE [CHAIN.pem]: prints each entry as Java sees it, then how a TLS client
 * with this trust store judges the chain.
 */
public class KeyStoreReader {
  public static void main(String[] args) throws Exception {
    char[] passphrase = args[2].toCharArray();
    KeyStore store = KeyStore.getInstance(args[0]);
    try (FileInputStream in = new FileInputStream(args[1])) {
      store.load(in, passphrase);
    }
    for (String alias : Collections.list(store.aliases())) {
      if (store.isCertificateEntry(alias)) {
        System.out.println("certificate " + alias);
      } else {
        String algorithm = store.getKey(alias, passphrase).getAlgorithm();
        System.out.println("key " + alias + " " + algorithm + " " + store.getCertificateChain(alias).length);
      }
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, passphrase);
    if (args.length > 3) System.out.println(judge(store, args[3]));
  }

  private static String judge(KeyStore store, String file) throws Exception {
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    X509TrustManager manager = (X509TrustManager) trust.getTrustManagers()[0];
    try (FileInputStream in = new FileInputStream(file)) {
      X509Certificate[] chain = CertificateFactory.getInstance("X.509")
          .generateCertificates(in).toArray(new X509Certificate[0]);
      manager.checkServerTrusted(chain, "ECDHE_ECDSA");
      return "trusted, of " + manager.getAcceptedIssuers().length;
    } catch (java.security.cert.CertificateException refusal) {
      return "refused";
    }
  }
}
