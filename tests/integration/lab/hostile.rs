//! What comes from clients that are broken, or mean harm.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::up::Up;
use super::{Answer, Asked, exchange};

fn raw(lab: &Up, text: &str) -> Answer {
    exchange(lab.endpoint, text.as_bytes())
}

#[test]
fn it_answers_by_its_loopback_name_and_as_a_proxy_to_aws_only() {
    let lab = Up::start(&["--empty"]);
    let port = lab.endpoint.port();
    let status = |line: &str, hosts: &[&str]| {
        let hosts: String = hosts
            .iter()
            .map(|host| format!("Host: {host}\r\n"))
            .collect();
        raw(
            &lab,
            &format!("{line} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n"),
        )
    };
    let own = format!("127.0.0.1:{port}");
    for host in [
        own.clone(),
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
        // As a port that is forwarded to it.
        "127.0.0.1:1".to_owned(),
    ] {
        assert_eq!(
            status("GET /", &[&host]).element("Code"),
            "MissingAction",
            "{host}"
        );
    }
    let lookalike = format!("127.0.0.1.evil.example:{port}");
    let user = format!("evil@127.0.0.1:{port}");
    for host in [
        "evil.example",
        "127.0.0.1",
        "localhost",
        "sts.amazonaws.com",
        &lookalike,
        &user,
        "",
    ] {
        let answer = status("GET /", &[host]);
        assert!(
            [400, 421].contains(&answer.status),
            "{host}: {}",
            answer.status
        );
        assert!(
            answer.head.contains("text/plain") || answer.body.is_empty(),
            "{}",
            answer.head
        );
        assert!(!answer.body.contains('<'), "{}", answer.body);
    }
    assert_eq!(status("GET /", &[]).status, 400);
    assert_eq!(status("GET /", &[&own, "evil.example"]).status, 400);
    for target in [
        "http://evil.example/",
        "http://sts.amazonaws.com.evil.example/",
        "http://sts.eu-nowhere-1.amazonaws.com/",
        "http://sts.cn-north-1.amazonaws.com/",
        "http://sts./",
        "http://s3.amazonaws.com/",
        "https://sts.amazonaws.com/",
        "http://sts.amazonaws.com:8080/",
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest/meta-data/",
    ] {
        let answer = status(&format!("GET {target}"), &["x"]);
        assert_eq!(answer.status, 403, "{target}");
        assert!(
            answer.body.contains("nothing leaves this machine"),
            "{}",
            answer.body
        );
    }
    assert_eq!(status("CONNECT sts.amazonaws.com:443", &["x"]).status, 403);
    let proxied = status("GET http://sts.amazonaws.com/", &["x"]);
    assert_eq!(proxied.element("Code"), "MissingAction");
    let itself = status(&format!("GET http://{own}/"), &["x"]);
    assert_eq!(itself.element("Code"), "MissingAction");
    lab.assert_unharmed();
}

#[test]
fn noise_is_answered_or_hung_up_on() {
    let lab = Up::start(&["--empty"]);
    let mut random = fastrand::Rng::with_seed(7);
    let good = Asked::who(&lab.keys).bytes(lab.endpoint);
    for _ in 0..300 {
        let length = random.usize(0..2000);
        let noise: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
        half_closed(lab.endpoint, &noise);
        // A good request with some bytes changed.
        let mut changed = good.clone();
        for _ in 0..random.usize(1..20) {
            let place = random.usize(..changed.len());
            changed[place] = random.u8(..);
        }
        half_closed(lab.endpoint, &changed);
        half_closed(lab.metadata, &changed);
    }
    lab.assert_unharmed();
}

/// Sends bytes and no more, and reads what comes.
fn half_closed(address: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    let limit = Some(Duration::from_secs(30));
    stream.set_read_timeout(limit).unwrap();
    drop(stream.write_all(bytes));
    drop(stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
}

#[test]
fn forms_that_are_none_are_refused_and_signed_ones_too() {
    let lab = Up::start(&["--empty"]);
    let mut random = fastrand::Rng::with_seed(11);
    let mut forms = vec![
        "%".to_owned(),
        "%zz=%%%".to_owned(),
        "&&&===".to_owned(),
        "Action".to_owned(),
        "Action=AssumeRole&Version=2011-06-15&Tags.member.1.Value=x&DurationSeconds=".to_owned(),
        format!(
            "Action=AssumeRole&Version=2011-06-15&RoleArn={}",
            ":".repeat(5000)
        ),
        format!(
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::1:role/{}",
            "/".repeat(900)
        ),
        "Action=CreateRole&Version=2010-05-08&RoleName=R&AssumeRolePolicyDocument=[[[[".to_owned(),
        format!(
            "Action=CreateRole&Version=2010-05-08&RoleName=R&AssumeRolePolicyDocument={}",
            "[".repeat(100_000)
        ),
        "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=:::::".to_owned(),
        "Action=CreateRole&Version=2010-05-08&RoleName=%00&AssumeRolePolicyDocument=%F0%9F"
            .to_owned(),
        "Action=GetRole&Version=2010-05-08&RoleName=<script>%26%0D%0A".to_owned(),
        "Action=%3C/Error%3E%0D%0AX: y&Version=2011-06-15".to_owned(),
    ];
    forms.extend((0..100).map(|_| {
        let length = random.usize(0..200);
        (0..length).map(|_| random.char(..)).collect()
    }));
    for form in forms {
        for service in ["sts", "iam"] {
            let mut asked = Asked::of(&lab.keys, service, "2011-06-15", &[]);
            asked.body.clone_from(&form);
            let answer = lab.send(&asked);
            assert!(
                (400..500).contains(&answer.status),
                "{form}: {}",
                answer.status
            );
            let (_, code, _) = answer.refusal();
            assert!(!code.is_empty(), "{form}");
        }
    }
    lab.assert_unharmed();
}

#[test]
fn signatures_that_are_none_are_refused() {
    let lab = Up::start(&["--empty"]);
    let own = lab.endpoint;
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let date = "x-amz-date: 20260101T000000Z\r\n";
    let headers = [
        "authorization: \r\n".to_owned(),
        "authorization: Basic eDp5\r\n".to_owned(),
        "authorization: AWS4-HMAC-SHA256\r\n".to_owned(),
        "authorization: AWS4-HMAC-SHA256 ,,,=,=\r\n".to_owned(),
        format!("authorization: AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=\r\n{date}"),
        format!("authorization: AWS4-HMAC-SHA256 Credential=////,SignedHeaders=host,Signature=x\r\n{date}"),
        "authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host,Signature=x\r\nx-amz-date: 99999999T999999Z\r\n".to_owned(),
        "authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host,Signature=x\r\nx-amz-date: 20260101T000060.999999999999999999999+2359\r\n".to_owned(),
        "authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host,Signature=\u{e9}\r\nx-amz-date: \u{e9}\r\n".to_owned(),
        format!("authorization: AWS4-HMAC-SHA256 Credential={0}/{0}/{0}/{0}/{0},SignedHeaders={0},Signature={0}\r\n{date}", "x".repeat(9000)),
    ];
    let paths = [
        "/",
        "/../..",
        "/%",
        "/%zz",
        "//",
        "/a/../b",
        "/?X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "/?%",
        "*",
    ];
    for header in &headers {
        for path in paths {
            let text = format!(
                "POST {path} HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\nContent-Length: {}\r\n{header}\r\n{body}",
                body.len()
            );
            let answer = raw(&lab, &text);
            assert!(
                (400..500).contains(&answer.status),
                "{path} {header}: {}",
                answer.status
            );
        }
    }
    lab.assert_unharmed();
}

#[test]
fn what_is_too_large_is_refused() {
    let lab = Up::start(&["--empty"]);
    let own = lab.endpoint;
    let big = "x".repeat(200_000);
    let head = format!("GET / HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n");
    let long = raw(&lab, &format!("{head}X-Big: {big}\r\n\r\n"));
    assert!([0, 431].contains(&long.status), "{}", long.status);
    let many: String = (0..500)
        .map(|number| format!("X-{number}: 1\r\n"))
        .collect();
    let many = raw(&lab, &format!("{head}{many}\r\n"));
    assert!([0, 431].contains(&many.status), "{}", many.status);
    let uri = raw(&lab, &format!("GET /{big} HTTP/1.1\r\nHost: {own}\r\n\r\n"));
    assert!([0, 414, 431].contains(&uri.status), "{}", uri.status);
    let body = "x".repeat(1024 * 1024 + 1);
    let post = format!("POST / HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n");
    let announced = raw(
        &lab,
        &format!("{post}Content-Length: {}\r\n\r\n{body}", body.len()),
    );
    assert_eq!(announced.status, 413);
    let chunked = format!(
        "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    assert_eq!(raw(&lab, &format!("{post}{chunked}")).status, 413);
    lab.assert_unharmed();
}

#[test]
fn whoever_dawdles_is_hung_up_on_and_keeps_nobody_waiting() {
    let lab = Up::start(&["--empty"]);
    let started = Instant::now();
    let mut slow = Vec::new();
    for number in 0..100 {
        let mut stream = TcpStream::connect(lab.endpoint).unwrap();
        let limit = Some(Duration::from_secs(40));
        stream.set_read_timeout(limit).unwrap();
        let text = match number % 3 {
            // Nothing at all, half a head, half a body.
            0 => String::new(),
            1 => "GET / HTTP/1.1\r\nHost: 127".to_owned(),
            _ => format!(
                "POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 10\r\n\r\nx",
                lab.endpoint
            ),
        };
        stream.write_all(text.as_bytes()).unwrap();
        slow.push(stream);
    }
    lab.assert_alive();
    assert!(
        started.elapsed() < Duration::from_secs(8),
        "{:?}",
        started.elapsed()
    );
    for mut stream in slow {
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.contains(" 408 "), "{answer}");
    }
    let waited = started.elapsed();
    assert!((8..30).contains(&waited.as_secs()), "{waited:?}");
    // More than are served at a time: whoever comes then waits for one of them.
    let connect = |_| TcpStream::connect(lab.endpoint).unwrap();
    let idle: Vec<TcpStream> = (0..200).map(connect).collect();
    lab.assert_alive();
    drop(idle);
    lab.assert_unharmed();
}
