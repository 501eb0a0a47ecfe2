//! slapd with a database of its own, on ports of its own.

use std::fmt::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use overstay::config::LdapFlavor;

use super::place::{Ask, Place, run};

/// Users besides those that are of interest: more than a page, and more than the limit of 500.
pub(super) const MANY: usize = 1200;
pub(super) const SUFFIX: &str = "dc=example,dc=com";
pub(super) const READER: &str = "cn=reader,dc=example,dc=com";
/// Reads, up to the limit that slapd has by default.
pub(super) const LIMITED: &str = "cn=limited,dc=example,dc=com";
/// Binds, and sees nothing.
pub(super) const BLIND: &str = "cn=blind,dc=example,dc=com";
pub(super) const PASSWORD: &str = "pass-word of the reader";

/// A server, killed when dropped.
pub(super) struct Slapd {
    pub(super) place: Place,
    port: u16,
    tls_port: u16,
    child: Child,
}

impl Slapd {
    /// Starts one with the entries of [`entries`].
    pub(super) fn start(tls: bool) -> Self {
        let place = Place::new();
        std::fs::create_dir(place.path().join("database")).unwrap();
        place.write("slapd.conf", &config(&place, tls));
        place.write("entries.ldif", &entries());
        run(Command::new("/usr/sbin/slapadd").args([
            "-q",
            "-f",
            &place.file("slapd.conf"),
            "-l",
            &place.file("entries.ldif"),
        ]));
        // A port may be taken between being found free and being listened on.
        let started = (0..3).find_map(|_| listen(&place, tls));
        let (port, tls_port, child) =
            started.unwrap_or_else(|| panic!("slapd does not start: slapd -d 1 -f {}", place.file("slapd.conf")));
        Self { place, port, tls_port, child }
    }

    /// With StartTLS.
    pub(super) fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    /// With TLS from the beginning.
    pub(super) fn tls_url(&self) -> String {
        format!("ldaps://localhost:{}", self.tls_port)
    }

    /// Reading everything, as the reader.
    pub(super) fn ask(&self, url: &str) -> Ask<'_> {
        Ask::new(&self.place, url, LdapFlavor::OpenLdap, SUFFIX).by(READER, PASSWORD)
    }
}

/// Starts slapd on ports of its own; none if it ended.
fn listen(place: &Place, tls: bool) -> Option<(u16, u16, Child)> {
    let free = || TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let (port, tls_port) = (free(), free());
    let mut urls = format!("ldap://127.0.0.1:{port}");
    if tls {
        let _ = write!(urls, " ldaps://127.0.0.1:{tls_port}");
    }
    let mut child = Command::new("/usr/sbin/slapd")
        .args(["-d", "0", "-f", &place.file("slapd.conf"), "-h", &urls])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    if answers(&mut child, port) { Some((port, tls_port, child)) } else { None }
}

/// Waits until somebody listens, or the server has ended.
pub(super) fn answers(child: &mut Child, port: u16) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none() {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

impl Drop for Slapd {
    fn drop(&mut self) {
        // Whether it had ended already makes no difference.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn config(place: &Place, tls: bool) -> String {
    let mut text = String::new();
    for schema in ["core", "cosine", "inetorgperson", "nis"] {
        let _ = writeln!(text, "include /etc/ldap/schema/{schema}.schema");
    }
    let _ = writeln!(text, "modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload ppolicy");
    let _ = writeln!(text, "pidfile {}\nargsfile {}", place.file("pid"), place.file("args"));
    if tls {
        let _ = writeln!(text, "TLSCACertificateFile {}", place.file("ca.pem"));
        let _ = writeln!(text, "TLSCertificateFile {}", place.file("server.pem"));
        let _ = writeln!(text, "TLSCertificateKeyFile {}", place.file("key.pem"));
    }
    let _ = writeln!(text, "database mdb\nmaxsize 104857600\nsuffix {SUFFIX}\ndirectory {}", place.file("database"));
    let _ = writeln!(text, "rootdn cn=root,{SUFFIX}\noverlay ppolicy");
    let _ = writeln!(text, "limits dn.exact=\"{READER}\" size=unlimited size.prtotal=unlimited");
    let _ = writeln!(text, "access to attrs=userPassword by anonymous auth by * none");
    let _ = writeln!(text, "access to * by dn.exact=\"{BLIND}\" none by users read by * none");
    text
}

/// `MANY` users and some of interest, and groups.
fn entries() -> String {
    let mut text =
        format!("dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n");
    for unit in ["people", "groups"] {
        let _ = writeln!(text, "dn: ou={unit},{SUFFIX}\nobjectClass: organizationalUnit\nou: {unit}\n");
    }
    for reader in [READER, LIMITED, BLIND] {
        let name = reader.split([',', '=']).nth(1).unwrap();
        let _ = writeln!(text, "dn: {reader}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject");
        let _ = writeln!(text, "cn: {name}\nuserPassword: {PASSWORD}\n");
    }
    for number in 0..MANY {
        let uid = format!("user{number:04}");
        person(&mut text, &uid, &format!("cn: User {number}\nsn: {number}\nmail: {uid}@example.com"));
    }
    person(
        &mut text,
        "ann",
        "cn: Ann\nsn: A\nmail: ann@example.com\nmail: a@example.com\nemployeeNumber: 0017\ntitle: Head\n\
         departmentNumber: Research\nemployeeType: Employee\nmanager: UID=bob,OU=people,dc=example,dc=com",
    );
    person(&mut text, "bob", "cn: Bob\nsn: B\npwdAccountLockedTime: 000001010000Z\nmodifyTimestamp: 20260501080000Z");
    person(&mut text, "cy", "cn: Cy\nsn: C\npwdAccountLockedTime: 20260930170000Z");
    let _ = writeln!(text, "dn: uid=dee,ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nobjectClass: shadowAccount");
    let _ = writeln!(text, "uid: dee\ncn: Dee\nsn: D\nshadowExpire: 20361\n");
    let long = "Ünïcödé 名前 ".repeat(80);
    person(&mut text, "long", &format!("cn:: {}\nsn: L", data_encoding::BASE64.encode(long.trim().as_bytes())));
    // A comma in a name, which has to be escaped; and neither mail nor surname.
    let _ = writeln!(text, "dn: cn=Bare\\, One,ou=people,{SUFFIX}\nobjectClass: account\nobjectClass: posixAccount");
    let _ = writeln!(
        text,
        "objectClass: extensibleObject\ncn: Bare, One\nuid: bare\nuidNumber: 7\ngidNumber: 500\nhomeDirectory: /\n"
    );

    let everybody: String = (0..MANY).map(|n| format!("member: uid=user{n:04},ou=people,{SUFFIX}\n")).collect();
    group(&mut text, "everybody", "groupOfNames", &everybody);
    group(
        &mut text,
        "outer",
        "groupOfNames",
        &format!(
            "member: uid=ann,ou=people,{SUFFIX}\nmember: CN=Inner, OU=groups, {SUFFIX}\nmember: cn=outer,ou=groups,{SUFFIX}\n"
        ),
    );
    group(
        &mut text,
        "inner",
        "groupOfUniqueNames",
        &format!("uniqueMember: uid=bob,ou=people,{SUFFIX}\nuniqueMember: cn=Bare\\2C One,ou=people,{SUFFIX}\n"),
    );
    group(&mut text, "dangling", "groupOfNames", &format!("member: uid=gone,ou=people,{SUFFIX}\nmember: cn=nobody\n"));
    group(&mut text, "unix", "posixGroup", "gidNumber: 500\nmemberUid: ann\nmemberUid: nobody\n");
    text
}

fn person(text: &mut String, uid: &str, lines: &str) {
    let _ = writeln!(text, "dn: uid={uid},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {uid}\n{lines}\n");
}

fn group(text: &mut String, name: &str, class: &str, members: &str) {
    let _ = writeln!(text, "dn: cn={name},ou=groups,{SUFFIX}\nobjectClass: {class}\ncn: {name}\n{members}");
}
