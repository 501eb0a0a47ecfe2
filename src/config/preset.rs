//! Named sets of thresholds, one per control framework.
//!
//! A framework gives a number, or demands something "immediately", "promptly" or by the organisation's own rule, or does
//! not speak of it. Only the first and the last have a default: the framework's number, and what is usual for SOC 2. A
//! demand without a number has to be answered by the operator, for a number of ours would pass as the framework's.

use crate::model::Span;

/// A framework whose numbers are the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// SOC 2: no numbers of its own; what is usual in audits.
    Soc2,
    /// PCI DSS 4.0.1.
    PciDss4,
    /// CIS Controls v8.
    CisV8,
    /// FedRAMP Rev. 5 Low.
    FedrampLow,
    /// FedRAMP Rev. 5 Moderate.
    FedrampModerate,
    /// FedRAMP Rev. 5 High.
    FedrampHigh,
    /// ISO/IEC 27001:2022.
    Iso27001,
    /// NIST SP 800-53 Rev. 5.
    Nist80053,
    /// The HIPAA security rule.
    Hipaa,
    /// SOX IT general controls.
    Sox,
}

/// What a framework says of one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting<T> {
    /// Its number, or the usual one where it does not speak of the matter.
    Given(T),
    /// It demands it without a number; the clause and its words.
    Demanded(&'static str),
}

use Setting::{Demanded, Given};

impl<T> Setting<T> {
    /// The value, where the framework gives one.
    pub(super) fn given(self) -> Option<T> {
        match self {
            Given(value) => Some(value),
            Demanded(_) => None,
        }
    }
}

/// What a framework says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults {
    /// How often access is reviewed. Where privileged access is reviewed more often, that rate.
    pub(super) cadence: Setting<&'static str>,
    /// When unused access is dormant.
    pub(super) dormant_after: Setting<Span>,
    /// How long access may outlive its holder.
    pub(super) leaver_sla: Setting<Span>,
    /// How long old access may outlive a move.
    pub(super) mover_sla: Setting<Span>,
}

/// What is usual for SOC 2, and holds where a framework is silent.
const USUAL: Defaults = Defaults {
    cadence: Given("quarterly"),
    dormant_after: Given(Span::days(90)),
    leaver_sla: Given(Span::hours(24)),
    mover_sla: Given(Span::days(5)),
};

impl Preset {
    /// Every preset with the word used in config.
    pub const WORDS: [(&'static str, Self); 10] = [
        ("soc2", Self::Soc2),
        ("pci-dss-4", Self::PciDss4),
        ("cis-v8", Self::CisV8),
        ("fedramp-low", Self::FedrampLow),
        ("fedramp-moderate", Self::FedrampModerate),
        ("fedramp-high", Self::FedrampHigh),
        ("iso-27001", Self::Iso27001),
        ("nist-800-53", Self::Nist80053),
        ("hipaa", Self::Hipaa),
        ("sox", Self::Sox),
    ];

    /// The word used in config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Soc2 => "soc2",
            Self::PciDss4 => "pci-dss-4",
            Self::CisV8 => "cis-v8",
            Self::FedrampLow => "fedramp-low",
            Self::FedrampModerate => "fedramp-moderate",
            Self::FedrampHigh => "fedramp-high",
            Self::Iso27001 => "iso-27001",
            Self::Nist80053 => "nist-800-53",
            Self::Hipaa => "hipaa",
            Self::Sox => "sox",
        }
    }

    /// The framework's name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Soc2 => "SOC 2",
            Self::PciDss4 => "PCI DSS 4.0.1",
            Self::CisV8 => "CIS Controls v8",
            Self::FedrampLow => "FedRAMP Low",
            Self::FedrampModerate => "FedRAMP Moderate",
            Self::FedrampHigh => "FedRAMP High",
            Self::Iso27001 => "ISO 27001:2022",
            Self::Nist80053 => "NIST SP 800-53",
            Self::Hipaa => "HIPAA",
            Self::Sox => "SOX",
        }
    }

    /// The framework's numbers.
    pub(super) fn defaults(self) -> Defaults {
        match self {
            Self::Soc2 => USUAL,
            Self::PciDss4 => Defaults {
                cadence: Given("semiannual"),
                leaver_sla: Demanded("requirement 8.2.5 says immediately"),
                ..USUAL
            },
            Self::CisV8 => Defaults {
                dormant_after: Given(Span::days(45)),
                leaver_sla: Demanded("safeguard 6.2 says immediately"),
                mover_sla: Demanded("safeguard 6.2 says immediately"),
                ..USUAL
            },
            Self::FedrampLow => Defaults {
                cadence: Given("annual"),
                leaver_sla: Given(Span::hours(4)),
                mover_sla: Given(Span::hours(24)),
                ..USUAL
            },
            Self::FedrampModerate => {
                Defaults { leaver_sla: Given(Span::hours(4)), mover_sla: Given(Span::hours(24)), ..USUAL }
            }
            Self::FedrampHigh => Defaults {
                cadence: Given("monthly"),
                dormant_after: Given(Span::days(35)),
                leaver_sla: Given(Span::hours(1)),
                mover_sla: Given(Span::hours(24)),
            },
            Self::Iso27001 => Defaults {
                cadence: Demanded("control 5.18 refers to the organisation's own policy"),
                leaver_sla: Demanded("it asks for timely removal and gives no number"),
                mover_sla: Demanded("it asks for removal on change and gives no number"),
                ..USUAL
            },
            Self::Nist80053 => Defaults {
                cadence: Demanded("AC-2j leaves it to the organisation"),
                dormant_after: Demanded("AC-2(3)d leaves it to the organisation"),
                leaver_sla: Demanded("PS-4a leaves it to the organisation"),
                mover_sla: Demanded("PS-5 leaves it to the organisation"),
            },
            Self::Hipaa => Defaults {
                cadence: Demanded("164.308(a)(4)(ii)(C) gives no number"),
                leaver_sla: Demanded("164.308(a)(3)(ii)(C) gives no number"),
                mover_sla: Demanded("164.308(a)(4)(ii)(C) gives no number"),
                ..USUAL
            },
            Self::Sox => Defaults { leaver_sla: Demanded("it asks for prompt removal and gives no number"), ..USUAL },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_its_preset() {
        for (word, preset) in Preset::WORDS {
            assert_eq!(preset.as_str(), word);
        }
    }
}
