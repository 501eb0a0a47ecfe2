//! `sts`, in the query protocol.

use serde_json::{Map, Value};

use super::Shared;
use super::dispatch::{Denial, Reply};

/// The fields of a form body.
pub(super) fn form(body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(body);
    let fields: Map<String, Value> = text
        .split('&')
        .filter_map(|field| field.split_once('='))
        .map(|(key, value)| (unescape(key), unescape(value).into()))
        .collect();
    Value::Object(fields)
}

fn unescape(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, code.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn handle(shared: &Shared, name: &str, body: &Value) -> Option<Result<Reply, Denial>> {
    let result = match name {
        "GetCallerIdentity" => format!(
            "<Arn>{}</Arn><UserId>AIDAFAKE</UserId><Account>{}</Account>",
            shared.world.caller,
            shared.world.caller.split(':').nth(4).unwrap_or_default(),
        ),
        "AssumeRole" => {
            let role = body.get("RoleArn").and_then(Value::as_str).unwrap_or_default();
            let session = body.get("RoleSessionName").and_then(Value::as_str).unwrap_or_default();
            let mut keys = shared.access_keys.lock().unwrap();
            let key = format!("ASIAFAKE{:012}", keys.len());
            keys.insert(key.clone());
            format!(
                "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>assumed</SecretAccessKey>\
                 <SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
                 <AssumedRoleUser><Arn>{role}/{session}</Arn><AssumedRoleId>AROAFAKE:{session}</AssumedRoleId>\
                 </AssumedRoleUser>"
            )
        }
        _ => return None,
    };
    let body = format!(
        "<{name}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{name}Result>{result}</{name}Result>\
         <ResponseMetadata><RequestId>00000000-fake</RequestId></ResponseMetadata></{name}Response>"
    );
    Some(Ok(Reply::one(body.into())))
}

/// An error in the query protocol; its codes have no `Exception`.
pub(super) fn error(denial: &Denial) -> String {
    let code = denial.code.strip_suffix("Exception").unwrap_or(&denial.code);
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{}</Message></Error><RequestId>00000000-fake</RequestId></ErrorResponse>",
        denial.message
    )
}
