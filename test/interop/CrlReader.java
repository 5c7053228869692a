import java.io.FileInputStream;
import java.security.cert.*;

public class CrlReader {
  public static void main(String[] names) throws Exception {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    Certificate root = factory.generateCertificate(new FileInputStream(names[0]));
    X509CRL crl = (X509CRL) factory.generateCRL(new FileInputStream(names[1]));
    crl.verify(root.getPublicKey());
    System.out.println(crl.getRevokedCertificates().size() + " entries");
    for (int index = 2; index < names.length; index++) {
      X509Certificate certificate = (X509Certificate) factory.generateCertificate(new FileInputStream(names[index]));
      X509CRLEntry entry = crl.getRevokedCertificate(certificate);
      System.out.println(crl.isRevoked(certificate) + " " + (entry == null ? null : entry.getRevocationReason()));
    }
  }
}
