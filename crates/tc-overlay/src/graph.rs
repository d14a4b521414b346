//! The set of renderers, checked once at start-up.
//!
//! Which list of a slice an event belongs to, and in which order it is there, is declared once, by the factor that emits
//! it; renderers cannot contradict each other about that.

use std::fmt;

use crate::{DrawingId, DrawingSpec, RendererSpec};

/// Settings of the drawings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverlaySettings {
    /// Length of the overlay window, candles.
    pub window_candles: u32,
}

impl Default for OverlaySettings {
    fn default() -> Self {
        Self { window_candles: 2000 }
    }
}

/// Why a set of renderers cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverlayGraphError {
    /// There is none.
    #[error("no_overlay_renderer")]
    None,
    /// A renderer has no name.
    #[error("empty_overlay_renderer_name")]
    EmptyName,
    /// Two renderers share a name.
    #[error("duplicate_overlay_renderer:{0}")]
    Duplicate(&'static str),
    /// A renderer needs one that is unknown.
    #[error("missing_overlay_renderer:{renderer}->{needs}")]
    Missing {
        /// The renderer.
        renderer: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// A renderer needs one that does not come before it: renderers that need each other never do.
    #[error("overlay_renderer_order:{renderer}->{needs}")]
    Order {
        /// The renderer.
        renderer: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// Two settled drawings share a name.
    #[error("duplicate_overlay_drawing:{0}")]
    Drawing(&'static str),
}

/// Identifies renderer revisions and overlay window: stored drawings of another key must be made again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RenderKey([u8; 16]);

impl RenderKey {
    /// The raw key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Takes a stored key back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for RenderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Renderers in order, with the kinds of settled drawings numbered.
#[derive(Debug, Clone)]
pub struct OverlayGraph {
    specs: Vec<RendererSpec>,
    drawings: Vec<DrawingSpec>,
    settings: OverlaySettings,
    render_key: RenderKey,
}

impl OverlayGraph {
    /// Checks names, order and drawings.
    ///
    /// # Errors
    /// [`OverlayGraphError`].
    pub fn build(specs: &[RendererSpec], settings: OverlaySettings) -> Result<Self, OverlayGraphError> {
        if specs.is_empty() {
            return Err(OverlayGraphError::None);
        }
        let mut drawings: Vec<DrawingSpec> = Vec::new();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&settings.window_candles.to_le_bytes());
        for (position, spec) in specs.iter().enumerate() {
            let earlier = &specs[..position];
            if spec.name.is_empty() {
                return Err(OverlayGraphError::EmptyName);
            }
            if earlier.iter().any(|other| other.name == spec.name) {
                return Err(OverlayGraphError::Duplicate(spec.name));
            }
            check_needs(spec, earlier, specs)?;
            for drawing in spec.drawings {
                if drawings.iter().any(|other| other.name == drawing.name) {
                    return Err(OverlayGraphError::Drawing(drawing.name));
                }
                drawings.push(*drawing);
            }
            hasher.update(spec.name.as_bytes());
            hasher.update(&spec.revision.to_le_bytes());
        }
        let mut render_key = [0; 16];
        render_key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Ok(Self {
            specs: specs.to_vec(),
            drawings,
            settings,
            render_key: RenderKey(render_key),
        })
    }

    /// Names of the settled drawing kinds; the position is the [`DrawingId`].
    pub fn drawing_names(&self) -> impl Iterator<Item = &'static str> {
        self.drawings.iter().map(|drawing| drawing.name)
    }

    /// Declaration of a settled drawing kind.
    #[must_use]
    pub fn drawing(&self, id: DrawingId) -> Option<&DrawingSpec> {
        self.drawings.get(usize::from(id.0))
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> OverlaySettings {
        self.settings
    }

    /// Key of these renderers and settings.
    #[must_use]
    pub const fn render_key(&self) -> RenderKey {
        self.render_key
    }

    pub(crate) fn specs(&self) -> &[RendererSpec] {
        &self.specs
    }

    pub(crate) fn drawings(&self) -> &[DrawingSpec] {
        &self.drawings
    }
}

fn check_needs(
    spec: &RendererSpec,
    earlier: &[RendererSpec],
    all: &[RendererSpec],
) -> Result<(), OverlayGraphError> {
    let listed = |specs: &[RendererSpec], name: &str| specs.iter().any(|spec| spec.name == name);
    let renderer = spec.name;
    match spec.needs.iter().find(|needs| !listed(earlier, needs)) {
        None => Ok(()),
        Some(needs) if listed(all, needs) => Err(OverlayGraphError::Order { renderer, needs }),
        Some(needs) => Err(OverlayGraphError::Missing { renderer, needs }),
    }
}

#[cfg(test)]
mod tests {
    use tc_factor::testing;

    use super::*;
    use crate::renderers::{RENDERERS, marker, pen, structure};

    #[test]
    fn refusals() {
        let build =
            |specs: &[RendererSpec]| OverlayGraph::build(specs, OverlaySettings::default()).map(|_| ());
        assert_eq!(build(RENDERERS), Ok(()));
        assert_eq!(build(&[]), Err(OverlayGraphError::None));
        assert_eq!(
            build(&[RendererSpec {
                name: "",
                ..pen::SPEC
            }]),
            Err(OverlayGraphError::EmptyName)
        );
        assert_eq!(
            build(&[pen::SPEC, pen::SPEC]),
            Err(OverlayGraphError::Duplicate("overlay.pen"))
        );
        let needs = |name: &'static str, needs: &'static [&'static str]| RendererSpec {
            name,
            needs,
            ..pen::SPEC
        };
        assert_eq!(
            build(&[needs("a", &["a.b"])]),
            Err(OverlayGraphError::Missing {
                renderer: "a",
                needs: "a.b"
            })
        );
        let order = |renderer, needs| Err(OverlayGraphError::Order { renderer, needs });
        assert_eq!(build(&[needs("a", &["b"]), needs("b", &[])]), order("a", "b"));
        assert_eq!(build(&[needs("a", &["b"]), needs("b", &["a"])]), order("a", "b"));
        assert_eq!(build(&[needs("a", &["a"])]), order("a", "a"));
        assert_eq!(build(&[needs("b", &[]), needs("a", &["b"])]), Ok(()));
        assert_eq!(
            build(&[structure::SPEC, pen::SPEC]),
            order("overlay.structure", "overlay.pen")
        );
        let twin = RendererSpec {
            name: "overlay.twin",
            ..marker::SPEC
        };
        assert_eq!(
            build(&[marker::SPEC, twin]),
            Err(OverlayGraphError::Drawing("pivot.major"))
        );
    }

    #[test]
    fn the_built_in_renderers_run_in_the_order_of_the_contract() {
        let names: Vec<&str> = RENDERERS.iter().map(|spec| spec.name).collect();
        assert_eq!(
            names,
            ["overlay.marker", "overlay.pen", "overlay.structure", "overlay.sr"]
        );
        // What is stored is found again by name.
        let graph = OverlayGraph::build(RENDERERS, OverlaySettings::default()).unwrap();
        assert_eq!(
            graph.drawing_names().collect::<Vec<_>>(),
            [
                "pivot.major",
                "pivot.minor",
                "anchor.switch",
                "zhongshu.dead:top",
                "zhongshu.dead:bottom"
            ]
        );
        let factors = testing::graph(2, 1);
        for drawing in graph.drawings() {
            assert!(factors.kind(drawing.event_kind).is_some(), "{}", drawing.name);
        }
    }

    #[test]
    fn key_follows_window_and_revision() {
        let key = |specs: &[RendererSpec], window| {
            OverlayGraph::build(
                specs,
                OverlaySettings {
                    window_candles: window,
                },
            )
            .unwrap()
            .render_key()
        };
        assert_eq!(key(RENDERERS, 2000), key(RENDERERS, 2000));
        assert_ne!(key(RENDERERS, 2000), key(RENDERERS, 300));
        assert_ne!(
            key(&[pen::SPEC], 300),
            key(
                &[RendererSpec {
                    revision: 9,
                    ..pen::SPEC
                }],
                300
            )
        );
    }
}
