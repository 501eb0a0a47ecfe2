//! What Active Directory writes in binary: object ids, security ids, and when attributes last changed.

use super::super::time::seconds_since_1601;
use crate::model::Instant;

/// `userAccountControl`: 1.2.840.113556.1.4.8 as replication numbers it (MS-DRSR, `ATTRTYP`; prefix 9 is
/// 1.2.840.113556.1.4).
pub(super) const USER_ACCOUNT_CONTROL: u32 = 0x0009_0008;
/// `isDeleted`: 1.2.840.113556.1.2.48 (prefix 2 is 1.2.840.113556.1.2).
pub(super) const IS_DELETED: u32 = 0x0002_0030;

/// An `objectGUID` as text: its first three parts are little-endian (MS-DTYP, `GUID`). None if it has another length.
pub(super) fn guid(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    let [a0, a1, a2, a3, b0, b1, c0, c1, d0, d1, e @ ..] = bytes;
    let hex = data_encoding::HEXLOWER;
    let parts = [
        hex.encode(&[a3, a2, a1, a0]),
        hex.encode(&[b1, b0]),
        hex.encode(&[c1, c0]),
        hex.encode(&[d0, d1]),
        hex.encode(&e),
    ];
    Some(parts.join("-"))
}

/// The last number of an `objectSid`, by which `primaryGroupID` names a group (MS-DTYP, `SID`). None if it is no such id.
pub(super) fn relative_id(sid: &[u8]) -> Option<u32> {
    let [1, count, _, _, _, _, _, _, parts @ ..] = sid else { return None };
    if parts.len() != usize::from(*count) * 4 {
        return None;
    }
    Some(u32::from_le_bytes(*parts.last_chunk::<4>()?))
}

/// When an attribute last changed, wherever in the domain: from `replPropertyMetaData` (MS-DRSR,
/// `PROPERTY_META_DATA_EXT_VECTOR` as stored: a head of 16 bytes, then 48 for each attribute). None if the attribute never
/// changed or the bytes are something else.
pub(super) fn last_change(metadata: &[u8], attribute: u32) -> Option<Instant> {
    let (head, records) = metadata.split_first_chunk::<16>()?;
    let [1, 0, 0, 0, _, _, _, _, c0, c1, c2, c3, ..] = *head else { return None };
    let count = usize::try_from(u32::from_le_bytes([c0, c1, c2, c3])).ok()?;
    if records.len() != count.checked_mul(48)? {
        return None;
    }
    let (records, _) = records.as_chunks::<48>();
    let record = records.iter().find(|record| record.starts_with(&attribute.to_le_bytes()))?;
    seconds_since_1601(u64::from_le_bytes(record.get(8..16)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn metadata(entries: &[(u32, u64)]) -> Vec<u8> {
        let mut bytes = Vec::from([1, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(u32::try_from(entries.len()).unwrap().to_le_bytes());
        bytes.extend([0; 4]);
        for (attribute, seconds) in entries {
            bytes.extend(attribute.to_le_bytes());
            bytes.extend(3_u32.to_le_bytes());
            bytes.extend(seconds.to_le_bytes());
            bytes.extend([7; 32]);
        }
        bytes
    }

    #[test]
    fn ids_read_as_their_owners_write_them() {
        let bytes: Vec<u8> = (0..16).collect();
        assert_eq!(guid(&bytes).unwrap(), "03020100-0504-0706-0809-0a0b0c0d0e0f");
        assert_eq!(guid(&bytes[1..]), None);
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 33, 2, 0, 0];
        assert_eq!(relative_id(&sid), Some(545));
        assert_eq!(relative_id(&sid[..12]), None);
        assert_eq!(relative_id(&[1, 0, 0, 0, 0, 0, 0, 5]), None);
    }

    #[test]
    fn the_right_attribute_is_looked_up() {
        let bytes = metadata(&[(3, 1), (USER_ACCOUNT_CONTROL, 13_404_096_000), (IS_DELETED, 13_404_182_400)]);
        assert_eq!(last_change(&bytes, USER_ACCOUNT_CONTROL).unwrap().to_string(), "2025-10-05T00:00:00Z");
        assert_eq!(last_change(&bytes, IS_DELETED).unwrap().to_string(), "2025-10-06T00:00:00Z");
        assert_eq!(last_change(&bytes, 4), None);
        assert_eq!(last_change(&bytes[..bytes.len() - 1], USER_ACCOUNT_CONTROL), None);
        assert_eq!(last_change(&[0; 16], USER_ACCOUNT_CONTROL), None);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much(bytes: Vec<u8>, mut count in 0u32..5) {
            let _ = guid(&bytes);
            let _ = relative_id(&bytes);
            let _ = last_change(&bytes, USER_ACCOUNT_CONTROL);
            // Also with a head that invites to read on.
            let mut headed = metadata(&[]);
            headed[8..12].copy_from_slice(&count.to_le_bytes());
            headed.extend(&bytes);
            let _ = last_change(&headed, USER_ACCOUNT_CONTROL);
            count = u32::MAX;
            headed[8..12].copy_from_slice(&count.to_le_bytes());
            prop_assert_eq!(last_change(&headed, USER_ACCOUNT_CONTROL), None);
        }

        #[test]
        fn every_attribute_is_found(entries in proptest::collection::btree_map(any::<u32>(), 0u64..200_000_000_000, 0..9)) {
            let entries: Vec<(u32, u64)> = entries.into_iter().collect();
            let bytes = metadata(&entries);
            for (attribute, seconds) in entries {
                prop_assert_eq!(last_change(&bytes, attribute), seconds_since_1601(seconds));
            }
        }
    }
}
